"""装配 project: settings, urls, commands; puts the rooms together and is imported by nobody."""
