/** The set-up cannot go on; the message is for the person at the keyboard and says what to do. */
class SetupError extends Error {}

module.exports = { SetupError };
