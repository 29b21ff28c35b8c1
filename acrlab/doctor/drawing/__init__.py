"""Draw what a snapshot or a diagnosis says, as SVG and as the same words. Pure: the same facts give the same bytes."""
