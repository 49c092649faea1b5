// The Messenger connector as its documentation has it: one app secret, one token for each page. State in memory, its default.
const { accounts, graphUrl } = JSON.parse(process.env.BENCH);
const tokens = new Map(accounts.map(({ id, accessToken }) => [id, accessToken]));

module.exports = {
  session: { driver: 'memory', stores: { memory: { maxSize: 500 } } },
  channels: {
    messenger: {
      enabled: true,
      path: '/webhooks/instagram/:accountId',
      appId: 'bench',
      appSecret: accounts[0].appSecret,
      verifyToken: 'bench',
      mapPageToAccessToken: async (pageId) => tokens.get(pageId),
      origin: graphUrl,
    },
  },
};
