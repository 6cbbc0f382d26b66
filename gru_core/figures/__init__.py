"""Pure functions from a trace or an analysis to a plotly Figure."""
