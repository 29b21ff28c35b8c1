"""Say what is wrong with a private link: observe once, check the snapshot, report findings with their fixes."""
