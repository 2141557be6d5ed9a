"""Registers with a life: sites move through stages, stand on lists and bear restrictions; every step is an event.

`lifecycle` is the data, `replay` folds events into what holds (pure), `rows` turns that into rows of the list layers,
`recording` keeps events, `notices` publishes lists, `telling` is what people and programs read.
"""
