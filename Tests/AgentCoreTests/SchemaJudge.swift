import Foundation
import JSONBytes
import TestSupport

/// A file of the package, written anew when `TIDEMARK_UPDATE_GOLDEN` is 1.
func golden(_ path: String, actual: String) throws -> String {
    let full = SharedFiles.packageRoot + "/" + path
    if ProcessInfo.processInfo.environment["TIDEMARK_UPDATE_GOLDEN"] == "1" {
        try actual.write(toFile: full, atomically: true, encoding: .utf8)
    }
    return try String(contentsOfFile: full, encoding: .utf8)
}

/// A text file of the package.
func packageText(_ path: String) throws -> String {
    try String(contentsOfFile: SharedFiles.packageRoot + "/" + path, encoding: .utf8)
}

/// Judges a value by a JSON schema, as far as the agent's schema goes. It shares nothing with the configuration's reader.
struct SchemaJudge {
    let properties: JSONValue

    init(_ schema: String) throws {
        properties = try JSONValue.parse(Array(schema.utf8))["properties"] ?? .null
    }

    func allows(_ value: JSONValue, _ name: String) -> Bool {
        guard let rules = properties[name] else { return false }
        return Self.allows(value, rules)
    }

    private static func allows(_ value: JSONValue, _ rules: JSONValue) -> Bool {
        if let choices = rules["enum"]?.arrayValue, !choices.contains(value) { return false }
        switch rules["type"]?.stringValue {
        case "string":
            guard let text = value.stringValue, text.count >= rules["minLength"]?.intValue ?? 0 else { return false }
        case "boolean": guard value.boolValue != nil else { return false }
        case "integer": guard value.intValue != nil else { return false }
        case "number": guard value.doubleValue != nil else { return false }
        case "array": return allowsList(value, rules)
        default: break
        }
        guard let number = value.doubleValue else { return true }
        return number >= rules["minimum"]?.doubleValue ?? -.infinity
            && number <= rules["maximum"]?.doubleValue ?? .infinity
    }

    private static func allowsList(_ value: JSONValue, _ rules: JSONValue) -> Bool {
        guard let list = value.arrayValue, list.count >= rules["minItems"]?.intValue ?? 0 else { return false }
        let texts = list.map { $0.stringValue ?? "" }
        if rules["uniqueItems"]?.boolValue == true, Set(texts).count != texts.count { return false }
        return list.allSatisfy { allows($0, rules["items"] ?? .null) }
    }
}
