terraform -chdir=environments/prod/platform plan
