internal import CloudWatch

/// The names of alarms: the same contract, policy and scope always give the same.
///
/// `tidemark/<service>/<environment>/<table>[/<index>]/<kind>`, `…/pattern/<id>/<kind>`, `…/agent/<kind>`. Kinds of tables,
/// patterns and agents differ, so that no table's name can make two alarms share one.
struct AlarmNames: Sendable {
    /// What every name of the deployment starts with.
    let prefix: String

    /// Longest service and environment in a name.
    private static let longestScopePart = 48
    /// Longest table, index or pattern in a name that would be too long.
    private static let longestPart = 60

    init(scope: MonitoringScope) {
        let parts = [scope.service, scope.environment].map { Self.shortened(Self.safe($0), to: Self.longestScopePart) }
        prefix = "tidemark/\(parts[0])/\(parts[1])/"
    }

    func resource(table: String, index: String?, kind: String) -> String {
        name([table] + (index.map { [$0] } ?? []), kind: kind)
    }

    func pattern(_ id: String, kind: String) -> String { name(["pattern", id], kind: kind) }

    func agent(kind: String) -> String { name(["agent"], kind: kind) }

    private func name(_ parts: [String], kind: String) -> String {
        let safe = parts.map(Self.safe)
        let full = prefix + (safe + [kind]).joined(separator: "/")
        if full.utf8.count <= AlarmLimits.maximumNameLength { return full }
        return prefix + (safe.map { Self.shortened($0, to: Self.longestPart) } + [kind]).joined(separator: "/")
    }

    /// Letters, digits, `_`, `.` and `-`; anything else becomes `_`, and then a hash keeps different texts apart.
    private static func safe(_ text: String) -> String {
        let allowed = String(
            text.unicodeScalars.map { scalar in
                let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                return isPlain || scalar == "_" || scalar == "." || scalar == "-" ? Character(scalar) : "_"
            })
        return allowed == text && !text.isEmpty ? text : "\(allowed)~\(FNV1a.hex(text.utf8, digits: 8))"
    }

    private static func shortened(_ text: String, to length: Int) -> String {
        text.utf8.count <= length ? text : "\(text.prefix(length - 9))~\(FNV1a.hex(text.utf8, digits: 8))"
    }
}
