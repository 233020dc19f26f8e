"""What other systems decided or recorded, read into the closed loop: class tables and past reports."""
