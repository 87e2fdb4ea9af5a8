internal import CCrypto

/// The process's environment variables.
public enum ProcessEnvironment {
    /// A copy of all variables. Call it at start: another thread's `setenv` during the copy is undefined in C.
    public static func current() -> [String: String] {
        var variables: [String: String] = [:]
        guard var entry = tidemark_environment() else { return variables }
        while let text = entry.pointee {
            let line = String(cString: text)
            if let equals = line.firstIndex(of: "=") {
                variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }
}
