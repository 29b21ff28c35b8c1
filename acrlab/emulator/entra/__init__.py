"""Microsoft Entra ID: tokens, sign-in, and who may do what."""
