const { router, text } = require('bottender/router');

async function Prices(context) {
  await context.sendText(`Our price list is at https://example.com/prices. You wrote: ${context.event.text}`);
}

module.exports = async function App() {
  return router([text(/\bprice\b/i, Prices)]);
};
