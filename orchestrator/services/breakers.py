"""Circuit breakers in the database: one state for all processes, one probe at a time."""



