"""Who there is: contacts with their identities, consent, fields, tags and groups, and the condition language."""
