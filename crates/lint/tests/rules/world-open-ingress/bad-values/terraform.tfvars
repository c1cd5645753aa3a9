client_cidrs = { office = "0.0.0.0/0" }
