import { Command } from 'commander'

export function modelsCommand(): Command {
  return new Command('models')
    .description('list the models in a folder and below it')
    .argument('[folder]', 'where to look', '.')
    .option('--json', 'print one JSON object a model')
    .action(run)
}

async function run(folder: string, { json }: { json?: true }): Promise<void> {
  const { listModels } = await import('../checkpoints/list.ts')
  const { formatBytes, formatCount } = await import('../report/format.ts')
  const { terminalTable } = await import('../report/table.ts')
  const models = await listModels(folder)
  if (json) for (const model of models) process.stdout.write(`${JSON.stringify(model)}\n`)
  else if (models.length === 0) process.stdout.write(`no models in ${folder}\n`)
  else {
    const cells = models.map(({ folder, modelType, parameters, bytes }) => [
      folder,
      modelType,
      parameters === undefined ? '?' : formatCount(parameters),
      formatBytes(bytes),
    ])
    const columns = [
      { title: 'folder', align: 'left' },
      { title: 'type', align: 'left' },
      { title: 'parameters', align: 'right' },
      { title: 'size', align: 'right' },
    ] as const
    process.stdout.write(`${terminalTable(columns, cells)}\n`)
  }
}
