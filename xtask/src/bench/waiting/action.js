// What the deploy action does: register a revision with another image, update the service, wait with the SDK's waiter
// at the action's default settings. It is a contestant of `cargo xtask bench waiting`.
'use strict';
const { ECS, waitUntilServicesStable } = require('@aws-sdk/client-ecs');

async function main([cluster, service, image]) {
  const client = new ECS({});
  const { taskDefinition } = await client.describeTaskDefinition({ taskDefinition: service });
  const { family, taskRoleArn, executionRoleArn, networkMode, requiresCompatibilities, cpu, memory, containerDefinitions } = taskDefinition;
  containerDefinitions[0].image = image;
  const registered = await client.registerTaskDefinition({
    family, taskRoleArn, executionRoleArn, networkMode, requiresCompatibilities, cpu, memory, containerDefinitions,
  });
  await client.describeServices({ cluster, services: [service] });
  await client.updateService({ cluster, service, taskDefinition: registered.taskDefinition.taskDefinitionArn });
  const patience = { client, minDelay: 15, maxDelay: 600, maxWaitTime: 30 * 60 };
  await waitUntilServicesStable(patience, { cluster, services: [service] });
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
