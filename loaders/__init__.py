"""From a file that an office sends to rows beside the live data: read, map, validate, write, publish."""
