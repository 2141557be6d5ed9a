"""One file, one command of `jingtu`.

A command module has: a docstring (its help; the first line stands in the overview), `add_arguments(parser)`,
`run(arguments) -> int` (0 done, 1 refused), and `USES_DATABASE = False` where it needs none. The file's name is
the command's, with `-` for `_`. Django is set up before a module is imported, so it may import models.
"""
