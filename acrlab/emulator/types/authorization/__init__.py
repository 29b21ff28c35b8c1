"""Microsoft.Authorization: roles, who has which where, what a role can name, and locks."""
