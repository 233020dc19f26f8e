"""Names for invented people: a family name by its real frequency, a given name from common characters."""

from __future__ import annotations

import numpy as np

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = {
    "male": "伟强磊军洋勇杰涛明超刚平辉健波斌宇浩鹏亮建国志文德海山河春林东树福荣成峰生",
    "female": "芳娜敏静丽艳娟霞秀兰英华玲桂香梅红云燕珍凤洁琳素莲雪慧玉春巧淑惠月晓欣",
}


def person_name(rng: np.random.Generator, sex: str) -> str:
    """A Chinese name of two or three characters."""
    weights = 1 / (np.arange(len(FAMILY)) + 3.0)
    family = FAMILY[int(rng.choice(len(FAMILY), p=weights / weights.sum()))]
    characters = list(GIVEN[sex])
    return family + "".join(rng.choice(characters, size=1 if rng.random() < 0.25 else 2, replace=False))
