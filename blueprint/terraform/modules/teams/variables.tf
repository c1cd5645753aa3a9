variable "folder" {
  description = "Folder that holds one folder per team, each with a team.yaml; the folder's name is the team's."
  type        = string

  validation {
    condition     = length(fileset(var.folder, "*/team.yaml")) > 0
    error_message = "folder is \"${var.folder}\", which has no */team.yaml: a mistyped folder would take every team's account and topics away."
  }
}
