"""What the public may send and see: services, submissions, records without anything private (S5, D2)."""
