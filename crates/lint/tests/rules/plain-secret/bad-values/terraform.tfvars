connectors = { orders = { "database.password" = "hunter2" } }
