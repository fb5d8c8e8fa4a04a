"""One module per department: what it keeps, and its own way of writing it down."""
