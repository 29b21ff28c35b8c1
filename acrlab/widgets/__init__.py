"""What a person can click in a notebook. Each control shows the same facts as text where nobody can."""
