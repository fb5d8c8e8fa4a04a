"""Figures that commands print; never timed tests. Each says what it measures and prints ratios side by side."""
