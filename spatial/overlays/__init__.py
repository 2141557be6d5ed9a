"""A planner's overlay: the polygons of an area against chosen layers, counted once, and judged as a check judges."""
