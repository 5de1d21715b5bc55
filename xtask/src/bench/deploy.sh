#!/usr/bin/env bash
# What people write without a tool: deploy.sh CLUSTER SERVICE IMAGE, with four calls of the aws command line.
# It is a contestant of `cargo xtask bench`. Like its models, it takes "stable" for success.
set -euo pipefail
cluster="$1" service="$2" image="$3"

definition="$(aws ecs describe-task-definition --task-definition "$service" --output json --query taskDefinition)"

definition="$(python3 -c '
import json, sys
definition = json.load(sys.stdin)
for name in ("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy"):
    definition.pop(name, None)
definition["containerDefinitions"][0]["image"] = sys.argv[1]
print(json.dumps(definition))
' "$image" <<<"$definition")"

arn="$(aws ecs register-task-definition --cli-input-json "$definition" --output text --query taskDefinition.taskDefinitionArn)"

aws ecs update-service --cluster "$cluster" --service "$service" --task-definition "$arn" --output text --query service.status

aws ecs wait services-stable --cluster "$cluster" --services "$service"
