"""Stories of users, through HTTP and MQTT."""
