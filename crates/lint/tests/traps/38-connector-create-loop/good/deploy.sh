sluice apply -e dev
