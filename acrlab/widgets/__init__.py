"""Offer controls to click in a notebook. Each shows the same facts as text where no one can click."""
