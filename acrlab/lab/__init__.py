"""One lab: its settings, the Azure SDK's clients, and what every step needs: waiting, ownership, errors, costs."""
