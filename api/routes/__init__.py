"""The routes, a file for each thing a person does."""
