// @ts-check

/** The word a benchmark's rule waits for stands in none of these. Accents, emoji and slashes travel as escapes, as Meta writes them. */
export const SENTENCES = [
  'Hi! Is the blue jacket from your last post still available in size M? 🧥',
  'Olá, boa tarde! Vocês entregam em São Paulo? Queria para sábado 🙏',
  'I ordered on Monday (no. 20391) and there is still no tracking link. Could you have a look please?',
  '¿Cuánto cuesta el envío a Sevilla? Lo vi en https://example.com/coleccion/otoño',
  'Thanks!! ❤️❤️',
  'Bonjour, avez-vous encore des places pour l’atelier de céramique du 14/12 ?',
  'ok',
  'Guten Tag, können wir den Termin auf Donnerstag verschieben? Mir ist etwas dazwischengekommen, leider geht es vorher nicht.',
  'これはまだ買えますか？よろしくお願いします',
  'Do you do gluten free? My sister can’t eat wheat and we would love to order the big one for her birthday 🎂🎉',
];
