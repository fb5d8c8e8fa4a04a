"""How a cell is read and when a row can stand. Pure functions over text and columns; no Django, no database."""
