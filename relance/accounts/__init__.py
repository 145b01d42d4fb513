"""Who may do what: accounts, people and their roles, API keys, sessions and sign-in links."""
