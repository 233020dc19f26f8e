"""Classes and filing conditions suggested from what a report says, in Chinese or English.

Pure: `words` (text → features), `model` (what was learnt, as arrays), `keywords` (words of the case standards), `suggesting` (both).
`training` learns from examples with scikit-learn; `history` fetches the city's past cases; `desk` keeps what is loaded in a process.
Guide: docs/guide/classifying.md. Why no pickle: docs/decisions/0080-a-model-of-arrays.md.
"""
