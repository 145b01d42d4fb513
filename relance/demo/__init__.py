"""The demo: the plant shop Fern & Moss with a handful of people and three live flows, made at the first start."""
