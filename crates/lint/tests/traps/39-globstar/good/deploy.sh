find connectors -name '*.json' -print0 | xargs -0 sluice lint
