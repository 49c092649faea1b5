import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eachDatabase } from './support/databases.js';
import { FixturePlayer } from './support/fixture-player.js';
import { loadFixtures } from './support/fixtures.js';
import { Stage } from './support/stage.js';

const fixtures = loadFixtures();

eachDatabase((database) => {
  let stage: Stage;
  let player: FixturePlayer;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
    player = await FixturePlayer.open(stage);
    await player.play(fixtures);
  }, 120_000);

  afterAll(async () => {
    await stage.close();
  });

  it.each(fixtures.map((fixture) => [fixture.name, fixture.expected.shows]))('%s: %s', async (name) => {
    const { expected, seen } = await player.outcome(name);
    expect(seen).toEqual(expected);
  });
});
