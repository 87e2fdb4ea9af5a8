internal import Glibc

/// What the command line asks for.
struct Options {
    /// Where the tasks of the calls run.
    enum Executor: String { case loop, any }
    /// What is called.
    enum Subject: String { case client, unrecorded, repository }

    var url = ""
    var authority: String?
    var executor = Executor.loop
    /// What is measured, in turns where there are several.
    var subjects = [Subject.client]
    /// Where the telemetry file is made.
    var telemetryDirectory: String?
    var inFlight = 1
    var warmUp = 1_000
    var calls = 20_000
    /// How often the calls are made and reported, one line each.
    var parts = 1

    static let usage = """
        Usage: runtime-bench --url URL [--ca FILE] [--executor loop|any] [--subjects client,unrecorded,repository]
                             [--telemetry DIRECTORY] [--in-flight N] [--warm-up N] [--calls N] [--parts N]
        """

    /// Reads the arguments; ends the process with status 2 where they are not usable.
    init(_ arguments: [String]) {
        var rest = arguments.dropFirst()[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { Self.refuse("\(name) lacks its value") }
            guard set(name, value) else { Self.refuse("\(name) \(value) is not usable") }
        }
        guard !url.isEmpty, inFlight > 0, calls > 0, parts > 0 else { Self.refuse("a URL and calls are needed") }
    }

    private mutating func set(_ name: String, _ value: String) -> Bool {
        func assign<Value>(_ path: WritableKeyPath<Options, Value>, _ read: Value?) -> Bool {
            guard let read else { return false }
            self[keyPath: path] = read
            return true
        }
        return switch name {
        case "--url": assign(\.url, value)
        case "--ca": assign(\.authority, value)
        case "--telemetry": assign(\.telemetryDirectory, value)
        case "--executor": assign(\.executor, Executor(rawValue: value))
        case "--subjects": assign(\.subjects, Self.subjects(value))
        case "--in-flight": assign(\.inFlight, Int(value))
        case "--warm-up": assign(\.warmUp, Int(value))
        case "--calls": assign(\.calls, Int(value))
        case "--parts": assign(\.parts, Int(value))
        default: false
        }
    }

    private static func subjects(_ list: String) -> [Subject]? {
        let names = list.split(separator: ",")
        let found = names.compactMap { Subject(rawValue: String($0)) }
        return found.count == names.count && !found.isEmpty ? found : nil
    }

    private static func refuse(_ reason: String) -> Never {
        fail(reason + "\n" + usage, status: 2)
    }
}

/// Ends the process with a sentence on standard error.
func fail(_ reason: String, status: Int32 = 1) -> Never {
    let line = Array("runtime-bench: \(reason)\n".utf8)
    _ = write(2, line, line.count)
    exit(status)
}
