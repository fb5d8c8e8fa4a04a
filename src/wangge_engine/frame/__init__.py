"""What all analyses share: the command line, tables in and out, rejects, snapshots, examples."""
