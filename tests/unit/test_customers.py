"""Buildings go to the nearest main within reach, once."""

from __future__ import annotations

import numpy as np
import shapely

from gis.networks.customers import share_out


def test_each_building_counts_at_its_nearest_main() -> None:
    mains = [np.array([(0.0, 0.0), (100.0, 0.0)]), np.array([(0.0, 60.0), (100.0, 60.0)])]
    buildings = np.array([shapely.box(10, 5, 20, 15), shapely.box(30, 40, 40, 50), shapely.box(50, 400, 60, 410)])
    count, people = share_out(buildings, np.array([3.0, 4.0, 100.0]), mains)
    assert count.tolist() == [1, 1]
    assert people.tolist() == [3.0, 4.0]
