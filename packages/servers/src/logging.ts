/** For log4j 2: warnings to standard output, which goes to the log in the instance's folder. */
export const LOG_TO_CONSOLE = `rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c{1}: %m%n
`;
