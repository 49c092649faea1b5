// Headless: no editor, no admin API, no projects. The tokens are where Node-RED keeps what functions share: the global context, in memory.
const { accounts, graphUrl, port } = JSON.parse(process.env.BENCH);

module.exports = {
  uiPort: port,
  uiHost: '127.0.0.1',
  httpAdminRoot: false,
  userDir: process.env.HOME,
  flowFile: require('path').join(__dirname, 'flows.json'),
  credentialSecret: false,
  functionGlobalContext: {
    graphUrl,
    tokens: Object.fromEntries(accounts.map(({ id, accessToken }) => [id, accessToken])),
  },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
};
