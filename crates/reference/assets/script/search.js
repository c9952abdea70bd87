// Search over an operation's names, path, groups, texts and parameters.

// Where a word is found says how much it counts; what is found in none of these is not found.
const WEIGHTS = { id: 8, path: 7, group: 4, summary: 3, text: 1 };

function searchIndex(contract, operations) {
  return operations.map((operation) => {
    const stated = operation.item[operation.method];
    const parameters = [operation.item.parameters, stated.parameters].flat().map((one) => resolved(contract, one));
    const words = [stated.description, ...parameters.flatMap((one) => [one?.name, one?.description])];
    const fields = {
      id: operation.id,
      path: `${operation.method} ${operation.path}`,
      group: operation.groups.join(" "),
      summary: operation.summary,
      text: words.filter((word) => typeof word === "string").join(" "),
    };
    for (const name of Object.keys(fields)) fields[name] = fields[name].toLowerCase();
    return { operation, fields };
  });
}

/** The operations that hold every word of `query`, the best first. */
function search(index, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [];
  for (const { operation, fields } of index) {
    let score = 0;
    for (const word of words) {
      const best = scoreOf(fields, word);
      if (best === 0) {
        score = 0;
        break;
      }
      score += best;
    }
    if (score > 0) found.push({ operation, score });
  }
  // Sorting is stable: what counts the same stays in the order of the contract.
  return found.sort((one, other) => other.score - one.score).map(({ operation }) => operation);
}

function scoreOf(fields, word) {
  let best = 0;
  for (const [name, weight] of Object.entries(WEIGHTS)) {
    const at = fields[name].indexOf(word);
    if (at < 0) continue;
    // A word that begins or fills a part of a name is more likely to be the one that was meant.
    const before = at === 0 || !/[a-z0-9]/.test(fields[name][at - 1]);
    const end = at + word.length;
    const after = end === fields[name].length || !/[a-z0-9]/.test(fields[name][end]);
    best = Math.max(best, weight * (1 + 0.5 * before + 0.5 * after));
  }
  return best;
}
