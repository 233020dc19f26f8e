"""From report to verified close: workflow, deadlines, routing, evidence, evaluation."""
