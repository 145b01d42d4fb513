"""Flows: the list, the map, the people in a step, the reasons."""
